import { pnpmKeyOf, withoutPeers } from './pnpm-package-key.ts'
import { type PnpmRequirement } from './pnpm-requirements.ts'
import { isYamlMap, type YamlMap, yamlMap } from '../../syntax/yaml-value.ts'

/**
 * The keys of `packages` that are reached from development requirements only. Version 9 no longer writes it down: its
 * `snapshots` are the graph.
 */
export function findDevelopmentOnly(document: YamlMap, requirements: readonly PnpmRequirement[]): Set<string> {
  const snapshots = yamlMap(document, 'snapshots')
  const production = reach(
    snapshots,
    requirements.filter(({ dev }) => !dev),
  )
  const development = reach(
    snapshots,
    requirements.filter(({ dev }) => dev),
  )
  for (const key of production) development.delete(key)
  return development
}

function reach(snapshots: YamlMap, requirements: readonly PnpmRequirement[]): Set<string> {
  const seen = new Set<string>()
  const packages = new Set<string>()
  const open: string[] = []
  function add(name: string, reference: string): void {
    const key = pnpmKeyOf(name, reference, 'name@1.0.0')
    if (key === undefined || seen.has(key)) return
    seen.add(key)
    packages.add(key).add(withoutPeers(key))
    open.push(key)
  }

  for (const { name, reference } of requirements) add(name, reference)
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    const snapshot = snapshots.get(key)?.value
    if (!isYamlMap(snapshot)) continue
    for (const section of ['dependencies', 'optionalDependencies']) {
      for (const [name, { value }] of yamlMap(snapshot, section)) if (typeof value === 'string') add(name, value)
    }
  }
  return packages
}
