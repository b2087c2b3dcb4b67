import { COMMAND_NAME } from '../program.ts'
import { type CompletionEntry } from './completion-entry.ts'

/** A script for bash, which zsh understands too once it has loaded `bashcompinit`. */
export function bashCompletion(entries: readonly CompletionEntry[]): string {
  const fn = `_${COMMAND_NAME.replaceAll('-', '_')}`
  return `${fn}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" name="" longer word index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    longer="\${name:+$name }$word"
    case "$longer" in
      ${patterns(entries.map(({ name }) => name).filter((name) => name !== ''))}) name="$longer" ;;
    esac
  done
  COMPREPLY=()
  case "$name:$prev" in
${entries.map(valueCases).join('')}  esac
  case "$name" in
${entries.map(wordCase).join('')}  esac
}
complete -F ${fn} ${COMMAND_NAME}
`
}

export function zshCompletion(entries: readonly CompletionEntry[]): string {
  return `autoload -U +X bashcompinit && bashcompinit\n${bashCompletion(entries)}`
}

/** What follows an option that takes a value; of a free text nothing can be said. */
function valueCases({ name, options }: CompletionEntry): string {
  const lines = options
    .filter(([, { kind }]) => kind !== 'flag')
    .map(([option, { choices, completes }]) => {
      const kind = completes === 'folder' ? '-d' : '-f'
      const reply =
        choices !== undefined
          ? `COMPREPLY=($(compgen -W "${choices.join(' ')}" -- "$cur")); `
          : completes !== undefined
            ? `compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen ${kind} -- "$cur"); `
            : ''
      return `    ${patterns([`${name}:--${option}`])}) ${reply}return ;;\n`
    })
  return lines.join('')
}

function wordCase({ name, words, options }: CompletionEntry): string {
  const all = [...words, ...options.map(([option]) => `--${option}`)]
  return `    ${patterns([name])}) COMPREPLY=($(compgen -W "${all.join(' ')}" -- "$cur")) ;;\n`
}

function patterns(texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join('|')
}
