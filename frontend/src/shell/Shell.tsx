import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { AccountMenu, SchemeButton } from "./AccountMenu";
import { Footer } from "./Footer";
import { Rehearsal } from "./Rehearsal";
import { Seal } from "./Seal";
import css from "./Shell.module.css";
import { useFrameShortcuts } from "./shortcuts";
import { text } from "./strings";

const Help = lazy(() => import("./Help"));

/** What stands around every page. */
export function Shell() {
  const [open, setOpen] = useState(false);
  const [help, setHelp] = useState(false);
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useFrameShortcuts({ onHelp: () => setHelp(true), onEscape: () => setOpen(false) });
  usePageArrival(path, main, () => setOpen(false));

  return (
    <div className={css.frame}>
      <a className={css.skip} href="#content">
        {text.skip}
      </a>
      <Rehearsal />
      <header className={css.header}>
        <div className={css.bar}>
          <Link to="/" className={css.name}>
            <Seal />
            <span>{text.house}</span>
          </Link>
          <button
            type="button"
            className={css.burger}
            aria-expanded={open}
            aria-controls="pages"
            onClick={() => setOpen(!open)}
          >
            <span className={css.lines} aria-hidden="true" />
            <span className={css.burgerWord}>{text.menu}</span>
          </button>
          <nav id="pages" className={css.nav} data-open={open} aria-label={text.nav}>
            {text.pages.map(({ to, label }) => (
              <Link key={to} to={to} className={css.link} activeOptions={{ exact: to === "/" }}>
                {label}
              </Link>
            ))}
            <span className={css.schemeBelow}>
              <SchemeButton named />
            </span>
          </nav>
          <AccountMenu onHelp={() => setHelp(true)} />
        </div>
      </header>
      <main id="content" ref={main} tabIndex={-1} className={css.main}>
        <Outlet />
      </main>
      <Footer />
      {help && (
        <Suspense>
          <Help onClose={() => setHelp(false)} />
        </Suspense>
      )}
    </div>
  );
}

/** A new page is announced and read from its top, as if the browser had loaded it. */
function usePageArrival(path: string, main: React.RefObject<HTMLElement | null>, arrive: () => void) {
  const last = useRef(path);
  useEffect(() => {
    if (last.current === path) return;
    last.current = path;
    arrive();
    main.current?.focus({ preventScroll: true });
  });
}
