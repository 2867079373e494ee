/** The nonce that lets style elements made by scripts through the content security policy; the server fills it in. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

// The scroll lock of dialogs makes its style element through a package that asks this global for the nonce.
Object.assign(globalThis, { __webpack_nonce__: nonce });
