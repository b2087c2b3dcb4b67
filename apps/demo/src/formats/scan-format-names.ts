/** Apart from their code, which help and completion do not need. */
export const SCAN_FORMATS = ['table', 'json', 'sarif', 'markdown', 'csv', 'cyclonedx'] as const

export type ScanFormat = (typeof SCAN_FORMATS)[number]
