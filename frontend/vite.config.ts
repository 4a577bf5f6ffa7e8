import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

/** The package directory of a bundled module, or null for a module of ours. */
function packageOf(id: string): string | null {
  if (!id.includes('node_modules')) return null;
  for (let folder = dirname(id); folder.includes('node_modules'); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && 'version' in JSON.parse(readFileSync(manifest, 'utf8'))) return folder;
  }
  return null;
}

function notice(folder: string): { name: string; text: string } {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${license}`;
  return { name: `${name} ${version} (${license})`, text: text.replaceAll('*/', '* /') };
}

/** One paragraph of names above each text: many packages share theirs. */
function grouped(notices: { name: string; text: string }[]): string[] {
  const names = new Map<string, string[]>();
  for (const { name, text } of notices) names.set(text, [...(names.get(text) ?? []), name]);
  return [...names].map(([text, owners]) => `${owners.join('\n')}\n\n${text}`);
}

/** Appends the licence of every package that ended up in the bundle. */
function thirdPartyNotices(): Plugin {
  return {
    name: 'third-party-notices',
    enforce: 'post',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        const folders = new Set(Object.keys(chunk.modules).map(packageOf));
        const notices = grouped([...folders].filter((folder) => folder !== null).sort().map(notice));
        const rule = `\n\n${'-'.repeat(80)}\n\n`;
        chunk.code += `\n/*! Third-party software in this file\n\n${notices.join(rule)}\n*/\n`;
      }
    },
  };
}

export default defineConfig({
  plugins: [thirdPartyNotices()],
  define: { 'process.env.NODE_ENV': JSON.stringify('production') },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    outDir: '../tensorboard_cnnvis/static',
    emptyOutDir: true,
    cssCodeSplit: false,
    reportCompressedSize: true,
    lib: {
      entry: 'src/index.tsx',
      formats: ['es'],
      fileName: () => 'index.js',
      cssFileName: 'index',
    },
    rolldownOptions: {
      output: { codeSplitting: false, minify: true, comments: false },
    },
  },
  test: { environment: 'node', include: ['test/**/*.test.ts'] },
} as never);
