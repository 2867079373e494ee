import { Button, Text } from "@mantine/core";
import { Dropzone, type FileRejection } from "@mantine/dropzone";
import "@mantine/dropzone/styles.layer.css";
import { IconPhotoUp, IconWaveSine } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import type { DropProps } from "./Drop";
import css from "./Drop.module.css";
import { size, useObjectUrl } from "./file";
import { Player } from "./sound/lazy";
import { text } from "./strings";

/** What the house reads; a file without a type is let through, for HEIC often comes so. */
const PICTURES = {
  "image/*": [".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".heic", ".heif"],
  "application/octet-stream": [".heic", ".heif"],
};
const SOUNDS = {
  "audio/*": [".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".webm"],
  "video/webm": [".webm"], // what some systems call a recording of a browser's
  "video/mp4": [".m4a", ".mp4"],
};
const MOST = { picture: 64 << 20, sound: 1 << 30 }; // bytes; the house says itself what is too long or too large

/** The zone itself, apart because the library under it is large. The button alone is reached by keyboard. */
export default function DropZone(props: DropProps) {
  const { file, label, hint, multiple = false, disabled = false } = props;
  const { kind = "picture" } = props;
  const words = label ?? text.drop.action[kind];
  const Icon = kind === "sound" ? IconWaveSine : IconPhotoUp;
  const open = useRef<() => void>(null);
  const [fault, setFault] = useState("");

  function take(files: File[]) {
    setFault("");
    const [first] = files;
    if (multiple && props.onFiles) props.onFiles(files);
    else if (first) props.onFile(first);
  }
  function refuse(rejections: FileRejection[]) {
    const code = rejections[0]?.errors[0]?.code;
    setFault(code === "file-too-large" ? text.drop.large : text.drop.wrong);
  }
  usePaste(props.paste !== false && !disabled, take);

  return (
    <div>
      <Dropzone
        className={css.zone}
        openRef={open}
        onDrop={take}
        onReject={refuse}
        multiple={multiple}
        disabled={disabled}
        activateOnClick={false}
        activateOnKeyboard={false}
        enablePointerEvents
        maxSize={props.maxBytes ?? MOST[kind]}
        accept={props.anything ? undefined : kind === "sound" ? SOUNDS : PICTURES}
        inputProps={{ "aria-label": words, tabIndex: -1 }}
        tabIndex={-1}
      >
        {file ? (
          <Chosen file={file} onOther={() => open.current?.()} onRemove={props.onRemove} disabled={disabled} />
        ) : (
          <div className={css.invite}>
            <Icon size={36} stroke={1.3} aria-hidden="true" />
            <Text className={css.label}>{words}</Text>
            <Button variant="default" disabled={disabled} onClick={() => open.current?.()}>
              {text.drop.button}
            </Button>
            <Text size="xs" c="dimmed">
              {hint ?? text.drop.kinds[kind]}
            </Text>
            {props.children}
          </div>
        )}
      </Dropzone>
      <Text size="sm" c="var(--no)" mt={fault ? "xs" : 0} role="alert">
        {fault}
      </Text>
    </div>
  );
}

function Chosen({
  file,
  onOther,
  onRemove,
  disabled,
}: {
  file: File;
  onOther: () => void;
  onRemove?: () => void;
  disabled: boolean;
}) {
  const url = useObjectUrl(file);
  const [shown, setShown] = useState(true);
  return (
    <div className={css.chosen}>
      {sounds(file) ? (
        <div className={css.sound}>
          <Player name={file.name} track={{ label: file.name, from: file }} seconds={null} />
        </div>
      ) : url && shown ? (
        <img src={url} alt={text.drop.preview} onError={() => setShown(false)} onLoad={() => setShown(true)} />
      ) : (
        <Text size="sm">{text.drop.noPreview}</Text>
      )}
      <Text size="sm" className={css.fileName}>
        {file.name} · {size(file.size)}
      </Text>
      <div className={css.actions}>
        <Button size="sm" variant="default" disabled={disabled} onClick={onOther}>
          {text.drop.another}
        </Button>
        {onRemove && (
          <Button size="sm" variant="subtle" disabled={disabled} onClick={onRemove}>
            {text.drop.remove}
          </Button>
        )}
      </div>
    </div>
  );
}

const sounds = ({ type, name }: File) => type.startsWith("audio/") || /\.(flac|opus|m4a|oga)$/i.test(name);

/** Files from the clipboard, unless someone pastes text into a field. */
function usePaste(on: boolean, take: (files: File[]) => void) {
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    if (!on) return;
    const hear = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length > 0) {
        event.preventDefault();
        latest.current(files);
      }
    };
    document.addEventListener("paste", hear);
    return () => document.removeEventListener("paste", hear);
  }, [on]);
}
