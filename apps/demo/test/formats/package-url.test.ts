import { expect, it } from 'vitest'

import { packageUrl } from '../../src/formats/package-url.ts'

it.each([
  ['npm', '@angular/core', '1.0.0', 'pkg:npm/%40angular/core@1.0.0'],
  ['pypi', 'Django_Package', '1.11', 'pkg:pypi/django-package@1.11'],
  ['maven', 'org.apache:batik', '1.9', 'pkg:maven/org.apache/batik@1.9'],
  [
    'golang',
    'github.com/gorilla/context',
    'v1.1.0+incompatible',
    'pkg:golang/github.com/gorilla/context@v1.1.0%2Bincompatible',
  ],
  ['composer', 'laravel/laravel', '', 'pkg:composer/laravel/laravel'],
])('packageUrl() writes %s %s', (ecosystem, name, version, purl) => {
  expect(packageUrl({ ecosystem, name, version })).toBe(purl)
})
