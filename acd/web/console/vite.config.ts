import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

/** In Redoc's bundle: what would break the page's policy, and what stands there instead. */
const MENDED: [found: RegExp, instead: string][] = [
  // The nonce must be known before the first style is added, which is earlier than Redoc reads its option `nonce`.
  [/\b(\w+)\.nc=void 0/g, '$1.nc=document.querySelector("meta[name=csp-nonce]")?.content'],
  // No picture is fetched from another host.
  [/https:\/\/cdn\.redoc\.ly\/redoc\/logo-mini\.svg/g, 'data:,'],
  // A module of Node's that no browser has.
  [/require\("null"\)/g, 'undefined'],
]

/**
 * Redoc's own bundle contains whatever Redoc needs. `overrides` in package.json puts one small package in the place of
 * each of Redoc's dependencies: else an operator's first start fetches a hundred packages that nothing uses.
 */
function redoc(): Plugin {
  return {
    name: 'redoc',
    transform: {
      filter: { id: /redoc\.standalone\.js$/ },
      handler(code) {
        for (const [found, instead] of MENDED) {
          if (code.search(found) < 0)
            this.error(`Redoc's bundle no longer has ${found.source}: look for what it has now.`)
          code = code.replace(found, instead)
        }
        return { code, map: null }
      },
    },
  }
}

export default defineConfig({
  plugins: [vue(), redoc()],
  // Nothing is inlined: the page's Content-Security-Policy allows scripts and styles from files alone.
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    // Two pages: the console, and the API's description at /api. They share no file.
    rolldownOptions: { input: ['index.html', 'api.html'] },
    chunkSizeWarningLimit: 1200, // kB; Redoc
  },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
})
