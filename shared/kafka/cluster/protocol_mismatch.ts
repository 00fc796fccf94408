/** Whether a broker's listener speaks another protocol than the one that is configured. */
import type { KafkaConnection } from "../connection.ts";
import { type Listener, readListener } from "./listener.ts";
import { type Trouble, troubleOf } from "./trouble.ts";

const ASK_MS_MAX = 2000; // chosen

/** Asks the listener. Null when it speaks what is configured, or does not say. Never rejects. */
export async function findProtocolMismatch(
  address: string,
  configured: NonNullable<KafkaConnection["securityProtocol"]>,
): Promise<Trouble | null> {
  const listener = await readListener(address, ASK_MS_MAX);
  const advice = listener === null ? null : adviceOf(listener, configured);
  return advice === null ? null : troubleOf("protocol_mismatch", address, advice);
}

/** What an operator has to change; null when the listener speaks what is configured. Pure. */
export function adviceOf(
  { isTls, wantsLogin, mechanisms }: Listener,
  configured: NonNullable<KafkaConnection["securityProtocol"]>,
): string | null {
  const hasTls = configured.endsWith("ssl");
  const hasLogin = configured.startsWith("sasl");
  if (isTls === hasTls && (wantsLogin ?? hasLogin) === hasLogin) return null;
  const base = isTls ? "ssl" : "plaintext";
  const possible: string[] = [];
  if (wantsLogin !== true) possible.push(base);
  if (wantsLogin !== false) possible.push(`sasl_${base}`);
  const spoken = possible.join(" or ");
  const login = mechanisms.length === 0 ? "" : `, with a login by ${mechanisms.join(" or ")}`;
  return `A broker's listener speaks ${spoken}${login}, and KAFKA_SECURITY_PROTOCOL is ${configured}: change it`;
}
