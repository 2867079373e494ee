import { ActionIcon, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconKeyboard, IconMoon, IconSun } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { useMe } from "../api/session";
import { RouteButton } from "../ui/RouteButton";
import css from "./AccountMenu.module.css";
import { text } from "./strings";

// Whoever only looks around loads no menu.
const OwnMenu = lazy(() => import("./OwnMenu"));

const SCHEMES = [
  { value: "auto", icon: IconDeviceDesktop },
  { value: "light", icon: IconSun },
  { value: "dark", icon: IconMoon },
] as const;

/** Colors, shortcuts, and either the way in or everything about one's own account. */
export function AccountMenu({ onHelp }: { onHelp: () => void }) {
  const me = useMe();
  return (
    <div className={css.side}>
      <span className={css.scheme}>
        <SchemeButton />
      </span>
      <ActionIcon
        className={css.keys}
        variant="subtle"
        color="gray"
        size={44}
        aria-label={text.shortcuts}
        onClick={onHelp}
      >
        <IconKeyboard size={20} stroke={1.6} />
      </ActionIcon>
      {me === null && (
        <RouteButton to="/sign-in" variant="default" size="sm" h={44}>
          {text.signIn}
        </RouteButton>
      )}
      {me && (
        <Suspense fallback={<RouteButton to="/account">{me.name}</RouteButton>}>
          <OwnMenu name={me.name} staff={me.staff} />
        </Suspense>
      )}
    </div>
  );
}

/** Changes the colors: as the system, light, dark. `named` says so in words beside it. */
export function SchemeButton({ named = false }: { named?: boolean }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const at = SCHEMES.findIndex(({ value }) => value === colorScheme);
  const { value, icon: Icon } = SCHEMES[at] ?? SCHEMES[0];
  const next = SCHEMES[(at + 1) % SCHEMES.length] ?? SCHEMES[0];
  const label = `${text.scheme.label}: ${text.scheme[value]}`;
  const change = () => setColorScheme(next.value);
  if (named) {
    return (
      <button type="button" className={css.named} onClick={change}>
        <Icon size={20} stroke={1.6} aria-hidden="true" /> {label}
      </button>
    );
  }
  return (
    <ActionIcon variant="subtle" color="gray" size={44} aria-label={label} title={label} onClick={change}>
      <Icon size={20} stroke={1.6} />
    </ActionIcon>
  );
}
