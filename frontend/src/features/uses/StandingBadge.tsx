import { Badge } from "@mantine/core";
import { type License, standingOf } from "./standing";
import { text } from "./strings";

const COLORS = { active: "viridian", revoked: "madder", expired: "gray", used: "gray" };

export function StandingBadge({ license }: { license: License }) {
  const standing = standingOf(license, Date.now());
  return (
    <Badge variant="light" color={COLORS[standing]}>
      {text.states[standing]}
    </Badge>
  );
}
