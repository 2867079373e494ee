/** What a work's progress is called. An engine may have stages of its own; they are shown as it names them. */
export const words = {
  label: "Progress",
  stages: {
    queued: "Waiting for its turn",
    claimed: "A worker has taken it up",
    starting: "Starting",
    preparing: "Reading the style's works",
    learning: "Learning the strokes",
    coloring: "Laying out the colors",
    matching: "Choosing every stroke",
    blending: "Putting the strokes together",
    sealing: "Signing and recording it",
    marking: "Marking the preview",
  } as Record<string, string>,
  next: "It is next.",
  ahead: (count: number) => (count === 1 ? "1 is before it." : `${count} are before it.`),
  asking: "The live line is down; asking again every two seconds.",
  away: "The house does not answer. This page goes on by itself when it is back; nothing is lost.",
  cancel: "Cancel",
  cancelling: "Stopping at its next step",
  cancelled: "Cancelled",
  done: "Done",
  failed: "Failed",
  soon: "A moment more",
  left: (seconds: number) => {
    if (seconds < 60) return `About ${seconds} ${seconds === 1 ? "second" : "seconds"} left`;
    const minutes = Math.round(seconds / 60);
    return `About ${minutes} ${minutes === 1 ? "minute" : "minutes"} left`;
  },
} as const;

export const stageInWords = (stage: string | null): string => (stage && words.stages[stage]) || stage || "";
