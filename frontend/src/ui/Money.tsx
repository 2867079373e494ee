import { type Amount, format } from "../api/money";

/** An amount to its last unit. */
export function Money({ of, className }: { of: Amount; className?: string }) {
  return <span className={`number ${className ?? ""}`}>{format(of)}</span>;
}
