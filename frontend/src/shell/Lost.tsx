import { Button, Group, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import css from "./Shell.module.css";
import { text } from "./strings";

/** The page of an address that has none. */
export function Lost() {
  useDocumentTitle(`${text.lost.title} Homage`);
  return (
    <div className={css.alone}>
      <Title order={1}>{text.lost.title}</Title>
      <Text my="lg">{text.lost.words}</Text>
      <Group>
        <Button component={Link} to="/">
          {text.lost.home}
        </Button>
        <Button component={Link} to="/verify" variant="default">
          {text.lost.verify}
        </Button>
      </Group>
    </div>
  );
}
