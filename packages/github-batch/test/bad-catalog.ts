import { IocCatalog } from '../src/index.ts'

/** `bad@6.6.6` is listed. */
export const BAD: IocCatalog = new IocCatalog([
  { ecosystem: 'npm', name: 'bad', version: '6.6.6', source: 'test list' },
])
