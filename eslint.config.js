import js from '@eslint/js'
import { defineConfig } from 'eslint/config'
import jsdoc from 'eslint-plugin-jsdoc'
import tseslint from 'typescript-eslint'

/** Which of our packages each package may import: arrows point one way. Apps may import everything. */
const ARROWS = {
  core: [],
  'shared-call': ['core'],
  batcher: ['core'],
  lockfiles: ['core'],
  'cache-memory': ['core', 'shared-call'],
  'cache-sqlite': ['core', 'shared-call'],
  'cache-redis': ['core', 'shared-call'],
  'github-batch': ['core', 'shared-call', 'batcher', 'lockfiles'],
}

const NO_TIMERS = {
  name: 'node:timers/promises',
  message: 'Fake timers cannot reach this: use setTimeout.',
}
const NO_NEIGHBOUR_FILES = {
  regex: '^(\\.\\./)+(packages|apps)/',
  message: "Import a neighbour by its package's name.",
}

const arrows = Object.entries(ARROWS).map(([name, targets]) => ({
  files: [`packages/${name}/src/**`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        paths: [NO_TIMERS],
        patterns: [
          NO_NEIGHBOUR_FILES,
          {
            regex: `^@x/${targets.length > 0 ? `(?!(${targets.join('|')})(/|$))` : ''}`,
            message: `@x/${name} may import ${targets.map((target) => `@x/${target}`).join(', ') || 'nothing of ours'}.`,
          },
        ],
      },
    ],
  },
}))

export default defineConfig(
  { ignores: ['**/dist/**', '**/fixtures/**', '**/node_modules/**', '**/*.js', '**/*.config.ts', '*.base.ts'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/consistent-type-exports': ['error', { fixMixedExportsWithInlineTypeSpecifier: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/promise-function-async': 'off',
      // `get<Issue>(key)`: the caller names the type of what it stored.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'max-params': ['error', 3],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 12],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Name every export in index.ts.' },
        { selector: 'ExportDefaultDeclaration', message: 'Use named exports.' },
      ],
      'no-restricted-properties': [
        'error',
        {
          object: 'AbortSignal',
          property: 'timeout',
          message: 'Fake timers cannot reach this: use setTimeout and an AbortController.',
        },
      ],
      'no-restricted-imports': ['error', { paths: [NO_TIMERS], patterns: [NO_NEIGHBOUR_FILES] }],
    },
  },
  ...arrows,
  {
    files: ['packages/*/src/**'],
    plugins: { jsdoc },
    settings: { jsdoc: { mode: 'typescript' } },
    rules: {
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: true,
          checkConstructors: false,
          require: { ClassDeclaration: true, MethodDefinition: false, FunctionDeclaration: true },
          contexts: ['TSInterfaceDeclaration', 'TSPropertySignature', 'TSMethodSignature'],
        },
      ],
      'jsdoc/no-types': 'error',
      'jsdoc/check-tag-names': ['error', { definedTags: ['defaultValue', 'remarks', 'typeParam'] }],
      'jsdoc/check-param-names': 'error',
      'jsdoc/informative-docs': 'error',
    },
  },
  {
    files: ['**/test/**'],
    rules: {
      'max-lines': 'off',
      'max-params': 'off',
      'max-lines-per-function': 'off',
      'no-restricted-imports': 'off',
      'no-restricted-properties': 'off',
    },
  },
)
