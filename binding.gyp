# The native addon. BLAS is not linked: gemm.cc loads it at run time; the build only records where it was found.
{
  'variables': {
    'blas_default%': '<!(node scripts/find-blas.mjs)',
    'addon_api': '<!(node -p "require(\'node:path\').dirname(require.resolve(\'node-addon-api\'))")',
    'own_flags': [
      '-O3',
      '-fPIC',
      '-fvisibility=hidden',
      '-fvisibility-inlines-hidden',
      '-ffp-contract=off',  # explicit fma() only, else vector lanes and tails round differently
      '-Wall',
      '-Wextra',
      '-Werror',
    ],
  },
  'target_defaults': {
    'cflags': ['<@(own_flags)'],
    'cflags_cc!': ['-std=gnu++17', '-std=gnu++20', '-fno-exceptions', '-fno-rtti'],
    'cflags_cc': ['-std=c++17', '-fexceptions'],
    'xcode_settings': {
      'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
      'CLANG_CXX_LIBRARY': 'libc++',
      'GCC_ENABLE_CPP_EXCEPTIONS': 'YES',
      'GCC_ENABLE_CPP_RTTI': 'YES',
      'GCC_OPTIMIZATION_LEVEL': '3',
      'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
      'MACOSX_DEPLOYMENT_TARGET': '11.0',
      'OTHER_CFLAGS': ['<@(own_flags)'],
    },
  },
  'targets': [
    {
      # A target of its own, because gyp has no flags per file: GCC 12's AVX-512 headers warn about themselves.
      'target_name': 'kernels',
      'type': 'static_library',
      'sources': ['<!@(ls native/kernels/isa_*.cc)'],
      'cflags': ['-Wno-unknown-warning-option', '-Wno-uninitialized', '-Wno-maybe-uninitialized'],
      'xcode_settings': {
        'OTHER_CFLAGS': ['-Wno-unknown-warning-option', '-Wno-uninitialized', '-Wno-maybe-uninitialized'],
      },
    },
    {
      'target_name': 'chainrule',
      'dependencies': ['kernels'],
      'sources': ['<!@(ls native/*.cc)'],
      'defines': [
        'NAPI_VERSION=8',
        'NODE_ADDON_API_CPP_EXCEPTIONS',
        'CHAINRULE_BLAS_DEFAULT="<(blas_default)"',
      ],
      # As system headers, so that their warnings are not ours.
      'cflags_cc': ['-isystem', '<(addon_api)'],
      'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['-isystem', '<(addon_api)'] },
      'conditions': [
        ['OS=="linux"', {
          # nodelete: Node unloads an addon when its last worker ends, while our threads still run its code.
          'ldflags': ['-Wl,-z,nodelete'],
          'libraries': ['-ldl', '-lpthread'],
        }],
      ],
    },
  ],
}
