/** The look: paper, ink and three pigments. The only place with colors; stylesheets use the variables made here. */
import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type MantineThemeOverride,
} from "@mantine/core";

/** Acts, and "yes". */
const viridian: MantineColorsTuple = [
  "#e7f3ee",
  "#cfe8de",
  "#a5d6c3",
  "#7cc7ab",
  "#4fae8f",
  "#2f967a",
  "#187a63",
  "#0e6250",
  "#0a4d3f",
  "#06382e",
];
/** Mind this. */
const ochre: MantineColorsTuple = [
  "#faf1dc",
  "#f4e2b8",
  "#ecca7f",
  "#e3b250",
  "#d99f2b",
  "#bd8213",
  "#9a6708",
  "#7d5203",
  "#623f00",
  "#452c00",
];
/** Stops, and "no". */
const madder: MantineColorsTuple = [
  "#fbeaec",
  "#f6d3d8",
  "#eda9b3",
  "#e68695",
  "#dc6478",
  "#cd4159",
  "#b52b45",
  "#9c1d37",
  "#7e152b",
  "#5c0c1d",
];
const gray: MantineColorsTuple = [
  "#f5f3ec",
  "#ebe8de",
  "#dfdbcf",
  "#cfcbbe",
  "#b4b1a5",
  "#85877e",
  "#59625c",
  "#454e49",
  "#2d3531",
  "#1b2320",
];
const dark: MantineColorsTuple = [
  "#e4e9e3",
  "#c6cec8",
  "#a4afa8",
  "#76827b",
  "#3b4641",
  "#28312d",
  "#1a211e",
  "#111614",
  "#0c100e",
  "#070a09",
];

/** Ultramarine, ochre, viridian, madder, violet, umber, cerulean, olive: parts of one whole, told apart on paper. */
const pigments = ["#3350b0", "#a86d00", "#0e7a62", "#b52b45", "#7a3fa0", "#7b4a2d", "#0f7399", "#5d7016"];
const lit = ["#8fa6ff", "#e3b250", "#5fc4a3", "#f08a9a", "#c597e8", "#c99a7c", "#66bfe3", "#b0c661"];

const body = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Helvetica Neue', Arial, sans-serif";

export const theme: MantineThemeOverride = createTheme({
  colors: { viridian, ochre, madder, gray, dark },
  primaryColor: "viridian",
  primaryShade: { light: 7, dark: 3 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  // Mantine decides once for both schemes what is written on a filled color; ours is dark in one and light in the other.
  variantColorResolver: (input) => {
    const found = defaultVariantColorsResolver(input);
    return input.variant === "filled" ? { ...found, color: "var(--on-filled)" } : found;
  },
  black: "#1b2320",
  white: "#fffefa",
  fontFamily: body,
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'Roboto Mono', Menlo, Consolas, monospace",
  fontSizes: { xs: "0.8125rem", sm: "0.9375rem", md: "1.0625rem", lg: "1.25rem", xl: "1.5rem" },
  lineHeights: { xs: "1.4", sm: "1.5", md: "1.6", lg: "1.55", xl: "1.4" },
  headings: {
    fontFamily: "'Newsreader Variable', 'Iowan Old Style', 'Palatino Linotype', Palatino, Georgia, serif",
    fontWeight: "480",
    textWrap: "balance",
    sizes: {
      h1: { fontSize: "clamp(2.1rem, 1.4rem + 2.9vw, 3.5rem)", lineHeight: "1.06" },
      h2: { fontSize: "clamp(1.6rem, 1.25rem + 1.3vw, 2.2rem)", lineHeight: "1.15" },
      h3: { fontSize: "1.4rem", lineHeight: "1.25" },
      h4: { fontSize: "1.15rem", lineHeight: "1.35" },
    },
  },
  defaultRadius: "md",
  radius: { xs: "2px", sm: "4px", md: "6px", lg: "10px", xl: "18px" },
  respectReducedMotion: true,
  focusRing: "auto",
  cursorType: "pointer",
  components: {
    Anchor: { defaultProps: { underline: "always" } },
    // Its header is of the dialog, not a second banner of the page.
    Modal: {
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.5 },
        attributes: { header: { role: "none" } },
      },
    },
    Tooltip: { defaultProps: { withArrow: true, events: { hover: true, focus: true, touch: true } } },
    Skeleton: { defaultProps: { "aria-hidden": true } },
  },
});

const numbered = (colors: string[]) =>
  Object.fromEntries(colors.map((color, index) => [`--pigment-${index + 1}`, color]));

/** Laid over all of a picture but the part that is looked at, in either scheme. */
export const VEIL = "#101418";
export const PIGMENTS = pigments.length;

export const variables: CSSVariablesResolver = () => ({
  variables: { "--measure": "66ch", "--page": "78rem" },
  light: {
    "--mantine-color-body": gray[0],
    "--mantine-color-dimmed": gray[6],
    "--mantine-color-error": madder[7],
    "--mantine-color-placeholder": "#6d756f",
    "--mantine-color-default-border": "#8b8d84",
    "--mantine-color-anchor": viridian[7],
    "--paper": gray[0],
    "--surface": "#fffefa",
    "--sunken": gray[1],
    "--ink": "#1b2320",
    "--dim": gray[6],
    "--rule": gray[3],
    "--edge": "#8b8d84",
    "--yes": viridian[7],
    "--yes-wash": viridian[0],
    "--mind": ochre[7],
    "--mind-wash": ochre[0],
    "--no": madder[7],
    "--no-wash": madder[0],
    "--on-filled": "#fffefa",
    "--focus": "#1b2320",
    "--veil": "rgb(27 35 32 / 62%)",
    ...numbered(pigments),
  },
  dark: {
    "--mantine-color-body": dark[7],
    "--mantine-color-dimmed": dark[2],
    "--mantine-color-error": madder[3],
    "--mantine-color-placeholder": "#8a958e",
    "--mantine-color-default-border": "#66716b",
    "--mantine-color-anchor": viridian[3],
    "--paper": dark[7],
    "--surface": dark[6],
    "--sunken": dark[8],
    "--ink": dark[0],
    "--dim": dark[2],
    "--rule": "#2f3834",
    "--edge": "#66716b",
    "--yes": viridian[3],
    "--yes-wash": "#15281f",
    "--mind": ochre[3],
    "--mind-wash": "#2a2212",
    "--no": madder[3],
    "--no-wash": "#2c171b",
    "--on-filled": dark[8],
    "--focus": "#f5f3ec",
    "--veil": "rgb(7 10 9 / 70%)",
    ...numbered(lit),
  },
});
