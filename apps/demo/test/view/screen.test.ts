import { describe, expect, it, vi } from 'vitest'

import { Screen, type ScreenStream } from '../../src/view/screen.ts'

class Terminal implements ScreenStream {
  isTTY = true
  columns = 20
  rows = 10
  text = ''
  writes = 0
  write(text: string): void {
    this.writes += 1
    this.text += text
  }
  /** What was written since the last time. */
  take(): string {
    const text = this.text
    this.text = ''
    return text
  }
}

function screenAt(time = 0): { terminal: Terminal; screen: Screen; clock: { time: number; now(): number } } {
  const clock = { time, now: () => clock.time }
  const terminal = new Terminal()
  return { terminal, screen: new Screen(terminal, { clock }), clock }
}

describe('Screen', () => {
  it('draws lines, replaces them, and brings the cursor back', () => {
    const { terminal, screen, clock } = screenAt()
    screen.show(() => ['one', 'two'])
    expect(terminal.take()).toBe('\u001B[?25lone\ntwo')
    clock.time += 100
    screen.show(() => ['three'])
    expect(terminal.take()).toBe('\r\u001B[1A\u001B[Jthree')
    screen.hide()
    expect(terminal.take()).toBe('\r\u001B[J\u001B[?25h')
    screen.close()
    expect(terminal.take()).toBe('')
  })

  it('takes a terminal that tells no size for one of the usual size', () => {
    const { terminal, screen, clock } = screenAt()
    terminal.columns = 0
    terminal.rows = 0
    screen.show(() => ['x'.repeat(100), 'two'])
    expect(terminal.take()).toBe(`\u001B[?25l${'x'.repeat(78)}…\ntwo`)
    clock.time += 100
    screen.show(() => ['three'])
    expect(terminal.take()).toBe('\r\u001B[1A\u001B[Jthree')
    screen.close()
  })

  it('draws at most ten times a second, and the last state soon', () => {
    vi.useFakeTimers()
    const { terminal, screen, clock } = screenAt()
    let shown = 0
    for (; clock.time < 1_000; clock.time += 1) screen.show(() => [`at ${(shown = clock.time)}`])
    expect(terminal.writes).toBe(10)
    clock.time = 1_000
    vi.advanceTimersByTime(100)
    expect(shown).toBe(1_000)
    screen.close()
    vi.useRealTimers()
  })

  it('writes what stays above what changes', () => {
    vi.useFakeTimers()
    const { terminal, screen } = screenAt()
    screen.show(() => ['changing'])
    terminal.take()
    screen.print('stays')
    screen.print('stays too')
    expect(terminal.writes).toBe(1)
    vi.advanceTimersByTime(100)
    expect(terminal.take()).toBe('\r\u001B[Jstays\nstays too\nchanging')
    screen.print('last')
    screen.hide()
    expect(terminal.take()).toBe('\r\u001B[Jlast\n\u001B[?25h')
    screen.close()
    vi.useRealTimers()
  })

  it('cuts lines at the width, and finds its place again when a terminal that became narrower wrapped them', () => {
    const { terminal, screen, clock } = screenAt()
    screen.show(() => ['x'.repeat(30)])
    expect(terminal.take()).toBe(`\u001B[?25l${'x'.repeat(18)}…`)
    terminal.columns = 8
    clock.time += 100
    screen.show(() => ['y'])
    expect(terminal.take()).toBe('\r\u001B[2A\u001B[Jy')
    screen.close()
  })

  it('shows no more lines than the terminal has', () => {
    const { terminal, screen } = screenAt()
    terminal.rows = 3
    screen.show(() => ['1', '2', '3', '4'])
    expect(terminal.take()).toBe('\u001B[?25l1\n2')
    screen.close()
  })

  it('brings the cursor back when the process ends', () => {
    const { terminal, screen } = screenAt()
    screen.show(() => ['one'])
    terminal.take()
    process.listeners('exit').at(-1)?.(0)
    expect(terminal.take()).toContain('\u001B[?25h')
    screen.close()
  })

  it('changes nothing where there is no terminal', () => {
    const { terminal, screen } = screenAt()
    terminal.isTTY = false
    screen.show(() => ['one'])
    screen.print('stays')
    screen.close()
    expect(terminal.take()).toBe('stays\n')
  })
})
