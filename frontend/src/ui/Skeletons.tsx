import { Skeleton } from "@mantine/core";
import css from "./Skeletons.module.css";
import { text } from "./strings";

function Waiting({ children, className }: { children: React.ReactNode; className?: string }) {
  return (
    <div className={className} role="status" aria-label={text.loading} aria-busy="true">
      {children}
    </div>
  );
}

/** In place of a whole page. */
export function PageSkeleton() {
  return (
    <Waiting>
      <Skeleton height={48} width="min(26rem, 70%)" mb="lg" />
      <Skeleton height={18} width="min(38rem, 90%)" mb="sm" />
      <Skeleton height={18} width="min(30rem, 75%)" mb="xl" />
      <Skeleton height={260} />
    </Waiting>
  );
}

/** In place of a grid of cards. */
export function CardsSkeleton({ count = 6, height = 280 }: { count?: number; height?: number }) {
  return (
    <Waiting className={css.cards}>
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <Skeleton key={index} height={height} />
      ))}
    </Waiting>
  );
}

/** In place of a table or a list. */
export function LinesSkeleton({ count = 4 }: { count?: number }) {
  return (
    <Waiting>
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <Skeleton key={index} height={44} mb="xs" />
      ))}
    </Waiting>
  );
}
