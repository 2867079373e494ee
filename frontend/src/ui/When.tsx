/** A time or a day in words, with the exact UTC time beside it for those who point or listen. */
const day = new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeZone: "UTC" });
const minute = new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

export function When({ at, withTime = false }: { at: string; withTime?: boolean }) {
  const time = new Date(at);
  return (
    <time dateTime={at} title={`${time.toISOString().replace("T", " ").slice(0, 19)} UTC`}>
      {withTime ? `${minute.format(time)} UTC` : day.format(time)}
    </time>
  );
}

export const dayInWords = (at: string): string => day.format(new Date(at));
