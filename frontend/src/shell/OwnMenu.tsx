import { Button, Menu } from "@mantine/core";
import { IconUser } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { api } from "../api/client";
import { enter } from "../api/session";
import css from "./AccountMenu.module.css";
import { text } from "./strings";

/** Everything about one's own account. */
export default function OwnMenu({ name, staff }: { name: string; staff: boolean }) {
  const navigate = useNavigate();
  async function leave() {
    await api.POST("/v1/sign-out");
    enter(null);
    await navigate({ to: "/" });
  }
  return (
    <Menu position="bottom-end" width={220} shadow="md">
      <Menu.Target>
        <Button
          variant="default"
          h={44}
          leftSection={<IconUser size={18} />}
          className={css.me}
          aria-label={`${text.account}: ${name}`}
        >
          <span className={css.who}>{name}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to="/works">
          {text.works}
        </Menu.Item>
        <Menu.Item component={Link} to="/licenses">
          {text.licenses}
        </Menu.Item>
        <Menu.Item component={Link} to="/uses">
          {text.uses}
        </Menu.Item>
        <Menu.Item component={Link} to="/usage">
          {text.usage}
        </Menu.Item>
        <Menu.Item component={Link} to="/webhooks">
          {text.webhooks}
        </Menu.Item>
        <Menu.Item component={Link} to="/account">
          {text.account}
        </Menu.Item>
        {staff && (
          <Menu.Item component={Link} to="/outbox">
            {text.outbox}
          </Menu.Item>
        )}
        {staff && (
          <Menu.Item component={Link} to="/hearing">
            {text.hearing}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item onClick={leave}>{text.signOut}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
