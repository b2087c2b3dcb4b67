import { BroadcastChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'

import { memberOf } from './shared-call-beacon.ts'
import type { SharedCallMemory } from './shared-call-memory.ts'
import { type Outcome, undeliverable, type WireOutcome } from './shared-call-outcome.ts'
import type { Member } from './shared-call-table.ts'

interface Letter {
  readonly flight: number
  readonly outcome: WireOutcome
}

/**
 * Brings answers of any size from thread to thread. Each ordered pair of threads that ever shared has a channel of its own,
 * open at both ends before it is needed. A letter lies in the receiver's queue once it is posted, whatever becomes of
 * the sender; one to a dead thread goes away with its queue. Nothing waits for an event loop.
 */
export class Mailbox {
  readonly #memory: SharedCallMemory
  readonly #member: number
  readonly #incoming = new Map<number, BroadcastChannel>()
  readonly #outgoing = new Map<number, BroadcastChannel>()

  constructor(memory: SharedCallMemory, member: number) {
    this.#memory = memory
    this.#member = member
  }

  /** Whether a member's letters arrive. */
  hears(sender: Member): boolean {
    return this.#incoming.has(memberOf(sender.claim))
  }

  /** Lets a member's letters arrive from now on. */
  listenTo({ claim }: Member): void {
    const sender = memberOf(claim)
    this.#open(this.#incoming, sender, [sender, this.#member])
  }

  /** Sends each member a structured clone; an outcome that cannot be cloned arrives as an error that says so. */
  send(flight: number, outcome: Outcome, receivers: readonly Member[]): void {
    let wire = outcome.toWire()
    for (const { claim } of receivers) {
      const receiver = memberOf(claim)
      const channel = this.#open(this.#outgoing, receiver, [this.#member, receiver])
      try {
        channel.postMessage({ flight, outcome: wire } satisfies Letter)
      } catch (error) {
        wire = undeliverable(error)
        channel.postMessage({ flight, outcome: wire } satisfies Letter)
      }
    }
  }

  /** What a member has sent about a flight. Letters that somebody sent and died before saying so are passed over. */
  receive(flight: number, sender: Member): WireOutcome {
    const channel = this.#incoming.get(memberOf(sender.claim))
    for (;;) {
      const received = channel && take(channel)
      if (received === undefined) throw new Error(`The answer of flight ${flight} was announced and did not come.`)
      if (received.message.flight === flight) return received.message.outcome
    }
  }

  close(): void {
    for (const channel of [...this.#incoming.values(), ...this.#outgoing.values()]) channel.close()
    this.#incoming.clear()
    this.#outgoing.clear()
  }

  #open(
    channels: Map<number, BroadcastChannel>,
    peer: number,
    [from, to]: readonly [number, number],
  ): BroadcastChannel {
    const known = channels.get(peer)
    if (known !== undefined) return known
    this.#closeUnused(channels)
    const channel = new BroadcastChannel(`shared-call:${this.#memory.handle.id}:${from}:${to}`)
    channel.unref()
    channels.set(peer, channel)
    return channel
  }

  /** Those of members that have left. */
  #closeUnused(channels: Map<number, BroadcastChannel>): void {
    const members = new Set<number>()
    for (let slot = 0; slot < this.#memory.slotsUsed; slot += 1) members.add(memberOf(this.#memory.claim(slot)))
    for (const [peer, channel] of channels) {
      if (members.has(peer)) continue
      channel.close()
      channels.delete(peer)
    }
  }
}

/** Node takes a `BroadcastChannel` here as it does a port; its type declarations do not say so. */
function take(channel: BroadcastChannel): { readonly message: Letter } | undefined {
  return receiveMessageOnPort(channel as unknown as MessagePort)
}
