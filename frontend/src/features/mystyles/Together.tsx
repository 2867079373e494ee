import { Text } from "@mantine/core";
import { $api } from "../../api/client";
import { live, type OwnStyle } from "./own";
import { inspection as said } from "./strings.areas";
import css from "./Works.module.css";

/** What was noticed of a style's works as a set: strangers among them, too few. */
export function Together({ style }: { style: OwnStyle }) {
  const params = { params: { path: { style: style.id } } };
  const { data } = $api.useQuery("get", "/v1/styles/{style}/inspection", params, { enabled: live(style).length > 0 });
  if (!data || data.length === 0) return null;
  const title = (id: string) => style.assets.find((asset) => asset.id === id)?.title ?? id;
  return (
    <ul className={css.together} aria-label={said.together}>
      {data.map(({ code, say, do: what, assets }) => (
        <li key={`${code}/${assets.join()}`}>
          <Text size="sm">
            {assets.length > 0 && <strong>{assets.map(title).join(", ")}: </strong>}
            {say}; {what}.
          </Text>
        </li>
      ))}
    </ul>
  );
}
