/** Why a change of a position is refused: a value, so that the command can print it. */

/** A change that is refused. */
export interface Refusal {
  readonly kind: "refused";
  /** A sentence. */
  readonly reason: string;
}

export function refused(reason: string): Refusal {
  return { kind: "refused", reason };
}
