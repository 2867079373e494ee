import { NativeSelect, Text, TextInput } from "@mantine/core";
import { COUNTRIES } from "../../ui/countries";
import { type Question, USES } from "./search";
import { text } from "./strings";
import css from "./Verify.module.css";

interface Props {
  question: Question;
  onQuestion: (question: Question) => void;
}

const uses = [{ value: "", label: text.noUse }, ...USES.map((use) => ({ value: use, label: text.uses[use] ?? use }))];
const places = [{ value: "", label: text.world }, ...COUNTRIES];

/** The use in mind: what, where, when. */
export function QuestionForm({ question, onQuestion }: Props) {
  const change = (part: Question) => onQuestion({ ...question, ...part });
  return (
    <fieldset className={css.question}>
      <legend>{text.question}</legend>
      <Text size="sm" c="dimmed">
        {text.questionWords}
      </Text>
      <div className={css.fields}>
        <NativeSelect
          label={text.use}
          data={uses}
          value={question.use ?? ""}
          onChange={({ currentTarget }) => change({ use: currentTarget.value || undefined })}
        />
        {question.use && (
          <>
            <NativeSelect
              label={text.territory}
              data={places}
              value={question.territory ?? ""}
              onChange={({ currentTarget }) => change({ territory: currentTarget.value || undefined })}
            />
            <TextInput
              type="date"
              label={text.date}
              description={text.today}
              inputWrapperOrder={["label", "input", "description"]}
              value={question.date ?? ""}
              onChange={({ currentTarget }) => change({ date: currentTarget.value || undefined })}
            />
          </>
        )}
      </div>
    </fieldset>
  );
}
