import { Kbd, Modal, Switch } from "@mantine/core";
import { useState } from "react";
import { setSingleKeys, singleKeys, useLiveShortcuts } from "./shortcuts";
import { text } from "./strings";

/** The keys that do something on the page that is shown. */
export default function Help({ onClose }: { onClose: () => void }) {
  const shortcuts = useLiveShortcuts();
  const [on, setOn] = useState(singleKeys);
  function toggle(next: boolean) {
    setSingleKeys(next);
    setOn(next);
  }
  return (
    <Modal opened onClose={onClose} title={text.help.title} closeButtonProps={{ "aria-label": "Close" }}>
      <table>
        <tbody>
          {shortcuts.map(({ keys, does }) => (
            <tr key={keys + does}>
              <th scope="row" style={{ textAlign: "left", padding: "0.35rem 1.25rem 0.35rem 0", fontWeight: 400 }}>
                <Kbd>{keys === " " ? "Space" : keys}</Kbd>
              </th>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Switch
        mt="lg"
        checked={on}
        onChange={(event) => toggle(event.currentTarget.checked)}
        label={text.help.single}
        description={text.help.singleWords}
      />
    </Modal>
  );
}
