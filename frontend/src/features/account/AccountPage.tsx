import { useMe } from "../../api/session";
import { Page } from "../../ui/Page";
import { SignInFirst } from "../../ui/SignInFirst";
import { PageSkeleton } from "../../ui/Skeletons";
import css from "./account.module.css";
import { Erase } from "./Erase";
import { Keys } from "./Keys";
import { Passwords } from "./Passwords";
import { Profile } from "./Profile";
import { Sessions } from "./Sessions";
import { text } from "./strings";

export function AccountPage() {
  const me = useMe();
  if (me === undefined) return <PageSkeleton />;
  return (
    <Page title={text.account.title}>
      {me ? (
        <div className={css.sections}>
          <Profile me={me} />
          <Passwords />
          <Sessions />
          <Keys />
          <Erase />
        </div>
      ) : (
        <SignInFirst why={text.account.why} />
      )}
    </Page>
  );
}
