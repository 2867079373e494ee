/** Words of the phrase by which a voice is shown to be its creator's. */
export const voice = {
  title: "Show that it is your voice",
  words:
    "A voice can be licensed by its owner only. You are given a phrase and speak it here; it is compared with your recordings, and kept, encrypted, as evidence.",
  ask: "Give me a phrase",
  askAgain: "Give me another phrase",
  say: "Speak this, in one go, at your usual pace:",
  until: (time: string) => `It can be spoken until ${time}.`,
  comparing: "Comparing it with your recordings",
  passed: "It is your voice.",
  passedWords: "The phrase was compared with every recording of a voice in this style.",
  unclear: "Somebody of the house will listen to it.",
  unclearWords: "You need not do anything. You can also try again with another phrase.",
  refused: "It could not be taken for the voice of the recordings.",
  expired: "The time for the last phrase is over.",
  because: (reasons: string) => `Because ${reasons}.`,
} as const;
