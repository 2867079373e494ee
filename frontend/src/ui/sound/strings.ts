export const text = {
  play: "Play",
  pause: "Pause",
  player: (name: string) => `Player: ${name}`,
  position: (name: string) => `Place in ${name}`,
  at: (now: string, all: string) => `${now} of ${all}`,
  keys: "Arrows move by a second, Page keys by five; Space plays. With Shift, arrows stretch a loop.",
  loop: "Loop from here",
  looped: (begin: string, end: string) => `Loop ${begin} to ${end}`,
  unloop: "End the loop",
  hear: "Hear",
  swap: "Hear the other of the two",
  playKey: "Play or pause",
  drawing: "Drawing its waveform",
  unplayable: "This browser cannot play this kind of file; the house can read it.",
  passage: (title: string) => `Play ${title}`,
  stopPassage: (title: string) => `Stop ${title}`,
  lane: {
    hint: "Point at the colors, or at a row, to see which moment came from where.",
    between: "Nothing was taken here: silence, or what is not the voice.",
  },
  recorder: {
    start: "Record",
    hint: "Wear headphones if music plays: the microphone should hear your voice alone. A quiet room and a hand's width from the microphone do best.",
    asking: "Your browser asks whether this page may use the microphone.",
    going: "Recording",
    stop: "Stop",
    again: "Record again",
    level: "Level of the microphone",
    levels: { silent: "nothing is heard", quiet: "quiet", good: "good", loud: "too loud: it will distort" },
    silent: "Nothing is heard yet. Is the microphone switched on?",
    name: "recording",
    refused: {
      denied: {
        title: "The microphone was not allowed.",
        words:
          "Nothing was recorded. Allow the microphone for this site in the browser's address bar, then press Record again; or choose a file instead.",
      },
      none: {
        title: "No microphone was found.",
        words: "Connect one and press Record again, or record elsewhere and choose the file.",
      },
      busy: {
        title: "The microphone could not be opened.",
        words: "Another program may be using it. Close that one and press Record again, or choose a file instead.",
      },
      unsupported: {
        title: "This browser cannot record here.",
        words: "Recording needs a secure address (https) and a browser of today. Choose a file instead.",
      },
    },
  },
} as const;
