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
    # The kernels are compiled once per instruction set, each in a target of its own, where GCC 12's AVX-512 headers may
    # warn about themselves.
    'kernel_sources': ['<!@(ls native/kernels/*.cc)'],
    'kernel_flags': ['-Wno-unknown-warning-option', '-Wno-uninitialized', '-Wno-maybe-uninitialized'],
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
      'target_name': 'kernels_base',
      'type': 'static_library',
      'sources': ['<@(kernel_sources)'],
      'cflags': ['<@(kernel_flags)'],
      'xcode_settings': { 'OTHER_CFLAGS': ['<@(kernel_flags)'] },
    },
    {
      'target_name': 'chainrule',
      'dependencies': ['kernels_base'],
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
        ['target_arch=="x64"', { 'dependencies': ['kernels_avx2', 'kernels_avx512'] }],
        ['OS=="linux"', {
          # nodelete: Node unloads an addon when its last worker ends, while our threads still run its code.
          'ldflags': ['-Wl,-z,nodelete'],
          'libraries': ['-ldl', '-lpthread'],
        }],
      ],
    },
  ],
  'conditions': [
    ['target_arch=="x64"', {
      'targets': [
        {
          'target_name': 'kernels_avx2',
          'type': 'static_library',
          'sources': ['<@(kernel_sources)'],
          'defines': ['ISA_AVX2'],
          'cflags': ['<@(kernel_flags)'],
          'xcode_settings': { 'OTHER_CFLAGS': ['<@(kernel_flags)'] },
        },
        {
          'target_name': 'kernels_avx512',
          'type': 'static_library',
          'sources': ['<@(kernel_sources)'],
          'defines': ['ISA_AVX512'],
          'cflags': ['<@(kernel_flags)'],
          'xcode_settings': { 'OTHER_CFLAGS': ['<@(kernel_flags)'] },
        },
      ],
    }],
  ],
}
