import { Text, Title } from "@mantine/core";
import { useMe } from "../../api/session";
import { Page } from "../../ui/Page";
import { SignInFirst } from "../../ui/SignInFirst";
import { PageSkeleton } from "../../ui/Skeletons";
import { FirstStep } from "./NameStep";
import { Steps } from "./Steps";
import { text } from "./strings";

/** A style begins with its name; from then on the house keeps the draft. */
export function NewStyle() {
  const me = useMe();
  if (me === undefined) return <PageSkeleton />;
  return (
    <Page title={text.create} width="narrow">
      {me === null ? (
        <SignInFirst why={text.why} />
      ) : (
        <>
          <Steps at="name" done={{ name: false, works: false, consent: false, terms: false, publish: false }} />
          <Title order={2} mb="md">
            {text.name.title}
          </Title>
          <FirstStep />
          <Text size="sm" c="dimmed" mt="xl">
            {text.steps.leave}
          </Text>
        </>
      )}
    </Page>
  );
}
