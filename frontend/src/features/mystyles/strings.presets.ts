/** The texts of choosing how works in a style look at first. */
export const presets = {
  title: "How works in this style are made at first",
  words:
    "Fans begin with the settings that you choose here, and can change them. See your style in each of the engine's settings, on something like what fans bring, and choose the one that is most like your hand.",
  now: (title: string) => `Fans begin with: ${title}.`,
  own: "settings of your own",
  none: "Fans begin with the engine's own settings.",
  takeBack: "Take it back",
  on: "Shown on",
  upload: { picture: "a picture of mine", sound: "a recording of mine" },
  drop: { picture: "Drop a picture here, or choose a file", sound: "Drop a recording here, or choose a file" },
  make: "Make the samples",
  again: "Make new samples",
  first: "Add a work to the style first: there is nothing to learn from yet.",
  coming: (there: number, all: number) => `${there} of ${all} samples are there.`,
  ready: "All samples are there.",
  choose: "Begin with this",
  chosen: "Chosen",
  alt: (title: string) => `A sample of your style: ${title}`,
  gone: "This sample is not here any more; make new ones.",
  failed: "This sample could not be made.",
  problems: {
    "too-many-samples": { what: "That is enough samples for the moment." },
    "style-revoked": { what: "Nothing is made in this style at the moment." },
  },
} as const;
