import { COMMAND_NAME } from '../program.ts'
import { type CompletionEntry } from './completion-entry.ts'

/** A script for fish 3.4 and newer. */
export function fishCompletion(entries: readonly CompletionEntry[]): string {
  const fn = `__${COMMAND_NAME.replaceAll('-', '_')}_name`
  const names = entries.map(({ name }) => name).filter((name) => name !== '')
  return `function ${fn}
  set -l name ""
  for word in (commandline -opc)[2..-1]
    set -l longer (string trim -- "$name $word")
    contains -- "$longer" ${names.map(quote).join(' ')}; and set name "$longer"
  end
  echo -- "$name"
end
complete -c ${COMMAND_NAME} -f
${entries.map((entry) => entryLines(entry, fn)).join('')}`
}

function entryLines({ name, words, options }: CompletionEntry, fn: string): string {
  const begin = `complete -c ${COMMAND_NAME} -n ${quote(`test "$(${fn})" = "${name}"`)}`
  const lines = options.map(([option, { kind, about, choices, completes, short }]) => {
    const value = kind === 'flag' ? '' : completes === undefined ? ' -x' : ' -r -F'
    const chosen = choices === undefined ? '' : ` -a ${quote(choices.join(' '))}`
    return `${begin} -l ${option}${short === undefined ? '' : ` -s ${short}`}${value}${chosen} -d ${quote(about)}\n`
  })
  return `${words.length === 0 ? '' : `${begin} -a ${quote(words.join(' '))}\n`}${lines.join('')}`
}

/** As fish reads single quotes. */
function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
