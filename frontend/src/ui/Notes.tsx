import { Notifications } from "@mantine/notifications";

/** Where `notify` shows its words. */
export default function Notes() {
  return <Notifications position="bottom-right" />;
}
