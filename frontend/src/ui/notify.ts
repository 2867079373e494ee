import { text } from "./strings";

/** A short word in the corner about something that was done. What must not be missed belongs on the page instead. */
export async function notify(message: string): Promise<void> {
  const { notifications } = await import("@mantine/notifications");
  notifications.show({
    message,
    color: "viridian",
    autoClose: 6000,
    closeButtonProps: { "aria-label": text.close },
  });
}
