import { COMMAND_NAME } from '../program.ts'
import { type CompletionEntry } from './completion-entry.ts'

/** A script for bash from 3.2 on. */
export function bashCompletion(entries: readonly CompletionEntry[]): string {
  const fn = `_${COMMAND_NAME.replaceAll('-', '_')}`
  return `${fn}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" begin="" name="" longer word index
  # bash makes three words of --option=value, unless the user has told it not to.
  if [[ "$cur" == "=" ]]; then cur=""
  elif [[ "$prev" == "=" ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"
  elif [[ "$cur" == --*=* ]]; then prev="\${cur%%=*}"; begin="$prev="; cur="\${cur#*=}"
  fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    longer="\${name:+$name }$word"
    case "$longer" in
      ${patterns(entries.map(({ name }) => name).filter((name) => name !== ''))}) name="$longer" ;;
    esac
  done
  COMPREPLY=()
  case "$name:$prev" in
${entries.map((entry) => valueCases(entry, fn)).join('')}  esac
  case "$name" in
${entries.map((entry) => wordCase(entry, fn)).join('')}  esac
}
${fn}_reply() {
  while IFS= read -r word; do COMPREPLY+=("$begin$word"); done < <(compgen "$@" -- "$cur")
}
complete -F ${fn} ${COMMAND_NAME}
`
}

/** What follows an option that takes a value; of a free text nothing can be said. */
function valueCases({ name, options }: CompletionEntry, fn: string): string {
  const lines = options
    .filter(([, { kind }]) => kind !== 'flag')
    .map(([option, { choices, completes }]) => {
      const files = `compopt -o filenames 2>/dev/null; ${fn}_reply ${completes === 'folder' ? '-d' : '-f'}; `
      const words = choices === undefined ? '' : `${fn}_reply -W "${choices.join(' ')}"; `
      return `    ${patterns([`${name}:--${option}`])}) ${completes === undefined ? words : files}return ;;\n`
    })
  return lines.join('')
}

function wordCase({ name, words, options }: CompletionEntry, fn: string): string {
  const all = [...words, ...options.map(([option]) => `--${option}`)]
  return `    ${patterns([name])}) ${fn}_reply -W "${all.join(' ')}" ;;\n`
}

function patterns(texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join('|')
}
