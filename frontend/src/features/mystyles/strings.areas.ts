/** Words of what was noticed of works, and of the areas that are left out. */
export const inspection = {
  together: "What was noticed of these works together",
  open: (count: number) =>
    count === 0 ? "Leave parts out" : count === 1 ? "1 part left out" : `${count} parts left out`,
  openOf: (title: string) => `Parts of ${title} that are left out`,
  lead: "Nothing is ever taken from a marked part: a signature, a seal, a frame. Draw a rectangle over the picture, or add one with the button. A chosen part moves with the arrow keys and grows with Shift and the arrow keys; Delete removes it.",
  area: (number: number) => `Part ${number}`,
  add: "Add a part",
  remove: (number: number) => `Remove part ${number}`,
  proposed: "Perhaps to be left out",
  accept: "Leave this out",
  save: "Save",
  cancel: "Cancel",
};
