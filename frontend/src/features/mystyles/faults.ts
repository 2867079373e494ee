/** Where to go when a form was not right. */

/** Puts the focus on the first field that is marked as wrong, once it is marked. */
export function firstFault(form: HTMLFormElement): void {
  requestAnimationFrame(() => {
    const field = form.querySelector<HTMLElement>("[aria-invalid='true']");
    field?.focus();
    field?.scrollIntoView({ block: "center" });
  });
}
