/** Acknowledges losses: lists them, asks, and keeps who took note of them, when and why. */
import { guarded, type Database } from "@tally/shared/database";
import { acknowledgeLosses, describeLoss, readLosses } from "../losses.ts";
import type { AcknowledgeCommand } from "./arguments.ts";
import { refused, type Refusal } from "./refusal.ts";

/** What the command needs besides its arguments. */
export interface AcknowledgeOptions {
  readonly print: (text: string) => void;
  readonly ask: (question: string) => boolean;
  /** The name of who runs it, used unless another is given. */
  readonly user: string;
}

/** Resolves with null when the losses that were shown are acknowledged. */
export async function acknowledge(
  sql: Database,
  { partition, note, by, isAgreed }: AcknowledgeCommand,
  { print, ask, user }: AcknowledgeOptions,
): Promise<Refusal | null> {
  const losses = await guarded(sql, () => readLosses(sql));
  const open = losses.filter(
    (loss) => loss.acknowledged === null && (partition === null || loss.partition === partition),
  );
  if (open.length === 0) {
    print("There is no loss to acknowledge.\n");
    return null;
  }
  const list = open.map((loss) => `  ${describeLoss(loss)}\n`).join("");
  print(`Kafka deleted these records before they were read:\n${list}`);
  if (!isAgreed && !ask("Acknowledge them?")) return refused("Nothing was changed.");
  const count = await acknowledgeLosses(sql, open, { by: by ?? user, note });
  print(
    `Acknowledged: ${count} ${count === 1 ? "loss" : "losses"}. They stay in the table offset_gaps.\n`,
  );
  return null;
}
