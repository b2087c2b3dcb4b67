import { COMMAND_NAME } from '../program.ts'
import { type Option } from '../option.ts'
import { type CompletionEntry } from './completion-entry.ts'

/** A script for zsh 5 and newer. */
export function zshCompletion(entries: readonly CompletionEntry[]): string {
  const fn = `_${COMMAND_NAME.replaceAll('-', '_')}`
  const names = entries.map(({ name }) => name).filter((name) => name !== '')
  return `(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
${fn}() {
  local option="\${words[CURRENT-1]}" name="" longer word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    longer="\${name:+$name }$word"
    case "$longer" in
      ${names.map(quote).join('|')}) name="$longer" ;;
    esac
  done
  # What stands before the = of --option=value is no part of what is completed.
  if [[ "$PREFIX" == --*=* ]]; then option="\${PREFIX%%=*}"; compset -P 1 '*='; fi
  case "$name:$option" in
${entries.map(valueCases).join('')}  esac
  case "$name" in
${entries.map(wordCase).join('')}  esac
}
compdef ${fn} ${COMMAND_NAME}
`
}

/** What follows an option that takes a value. */
function valueCases({ name, options }: CompletionEntry): string {
  return options
    .filter(([, { kind }]) => kind !== 'flag')
    .map(([key, option]) => `    ${quote(`${name}:--${key}`)}) ${valueCommand(option)}; return ;;\n`)
    .join('')
}

function valueCommand({ choices, completes }: Option): string {
  if (completes !== undefined) return completes === 'folder' ? '_files -/' : '_files'
  // Of a free text nothing can be said.
  return choices === undefined ? ':' : `compadd -- ${choices.join(' ')}`
}

function wordCase({ name, words, options }: CompletionEntry): string {
  const all = [...words, ...options.map(([option]) => `--${option}`)]
  return `    ${quote(name)}) compadd -- ${all.join(' ')} ;;\n`
}

function quote(text: string): string {
  return `"${text}"`
}
