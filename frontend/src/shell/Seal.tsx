/** The house's mark; the same drawing as public/seal.svg, in the scheme's own colors. */
export function Seal({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" fill="var(--yes)" />
      <path
        d="M9 8v16M23 8v16M9 17c3-4 6 3 14-2"
        fill="none"
        stroke="var(--surface)"
        strokeWidth="3.2"
        strokeLinecap="round"
      />
    </svg>
  );
}
