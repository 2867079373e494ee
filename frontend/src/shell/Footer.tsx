import { Link } from "@tanstack/react-router";
import { useHouse } from "../api/house";
import css from "./Shell.module.css";
import { text } from "./strings";

export function Footer() {
  const house = useHouse();
  return (
    <footer className={css.footer}>
      <div className={css.facts}>
        <p className={css.tagline}>{text.footer.tagline}</p>
        <Link to="/verify">{text.footer.verify}</Link>
        <a href="/v1/openapi.json">{text.footer.api}</a>
        {house && (
          <p>
            {house.name} · {text.footer.version} {house.version}
          </p>
        )}
      </div>
    </footer>
  );
}
