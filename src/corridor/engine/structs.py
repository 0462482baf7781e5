"""A tuple of many arrays as one thing that compiled code takes by its address.

Handed over as a tuple, the hundred arrays of a member would be passed one by one through every call, which
made compiling three times as slow. Handed over as Numba's own structures they are counted, up and down, at
each touch, which took a fifth of the time of a member. Here compiled code borrows them: `as_struct` writes
where the arrays lie into a block of memory, and whoever calls keeps that block and the arrays alive.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numba import carray, njit, typeof
from numba.core import cgutils, config, types
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import (
    NativeValue,
    intrinsic,
    lower_getattr_generic,
    models,
    register_model,
    unbox,
)
from numba.np.numpy_support import as_dtype


class BorrowedArray(types.Array):  # type: ignore[misc]
    """An array in C order that somebody else keeps alive: compiled code does not count references to it."""

    def __init__(self, dtype: Any, ndim: int) -> None:
        super().__init__(dtype, ndim, "C", name=f"borrowed({dtype}, {ndim}d)")


@register_model(BorrowedArray)
class _BorrowedArrayModel(models.StructModel):  # type: ignore[misc]
    """The layout of Numba's arrays, whose owner is a mere pointer."""

    def __init__(self, manager: Any, array: Any) -> None:
        members = [
            ("meminfo", types.voidptr),
            ("parent", types.voidptr),
            ("nitems", types.intp),
            ("itemsize", types.intp),
            ("data", types.CPointer(array.dtype)),
            ("shape", types.UniTuple(types.intp, array.ndim)),
            ("strides", types.UniTuple(types.intp, array.ndim)),
        ]
        super().__init__(manager, array, members)


class ArraysType(types.Type):  # type: ignore[misc]
    """What compiled code takes for a tuple of arrays and numbers: the same fields, behind one address."""

    def __init__(self, names: tuple[str, ...], field_types: tuple[Any, ...]) -> None:
        self.names = names
        self.held = types.BaseTuple.from_types(field_types)
        super().__init__(name=f"Arrays({', '.join(map(str, zip(names, field_types, strict=True)))})")


register_model(ArraysType)(models.OpaqueModel)


@infer_getattr  # type: ignore[untyped-decorator]
class _FieldTypes(AttributeTemplate):  # type: ignore[misc]
    """The fields of `ArraysType` by name."""

    key = ArraysType

    def generic_resolve(self, arrays: Any, name: str) -> Any:
        return arrays.held.types[arrays.names.index(name)] if name in arrays.names else None


@lower_getattr_generic(ArraysType)  # type: ignore[untyped-decorator]
def _load_field(context: Any, builder: Any, arrays: Any, address: Any, name: str) -> Any:
    block = builder.bitcast(address, context.get_value_type(arrays.held).as_pointer())
    return builder.load(cgutils.gep_inbounds(builder, block, 0, arrays.names.index(name)))


class _Arrays:
    """A block of memory that says where the arrays of a tuple lie."""

    def __init__(self, numba_type: ArraysType, block: Any, fields: NamedTuple) -> None:
        self._numba_type_ = numba_type
        self._address = block.ctypes.data
        self._kept = (block, fields)


@unbox(ArraysType)  # type: ignore[untyped-decorator]
def _unbox(_type: Any, arrays: Any, c: Any) -> Any:
    address = c.pyapi.object_getattr_string(arrays, "_address")
    number = c.unbox(types.uintp, address).value
    c.pyapi.decref(address)
    return NativeValue(c.builder.inttoptr(number, cgutils.voidptr_t))


@intrinsic  # type: ignore[untyped-decorator]
def _pointer(_context: Any, _address: Any) -> Any:
    """Turn an address into a pointer, in compiled code."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(types.uintp), generate


@intrinsic  # type: ignore[untyped-decorator]
def _store(_context: Any, _address: Any, fields: Any) -> Any:
    """Write a tuple to an address, in compiled code."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        place = builder.inttoptr(arguments[0], arguments[1].type.as_pointer())
        builder.store(arguments[1], place)

    return types.void(types.uintp, fields), generate


@lru_cache(maxsize=16)
def _writer(field_types: tuple[Any, ...]) -> Any:
    """Return a compiled function that writes fields (arrays as address and shape) to an address."""
    scope: dict[str, Any] = {"carray": carray, "pointer": _pointer, "store": _store}
    values = []
    for number, kind in enumerate(field_types):
        values.append(f"v{number}")
        if isinstance(kind, types.Array):
            scope[f"dtype{number}"] = as_dtype(kind.dtype)
            values[-1] = f"carray(pointer(v{number}[0]), v{number}[1], dtype{number})"
    names = ", ".join(f"v{number}" for number in range(len(field_types)))
    exec(f"def write(address, {names}):\n    store(address, ({', '.join(values)},))\n", scope)
    return njit(scope["write"])


@lru_cache(maxsize=16)
def _struct_type(names: tuple[str, ...], field_types: tuple[Any, ...]) -> ArraysType:
    borrowed = tuple(
        BorrowedArray(kind.dtype, kind.ndim) if isinstance(kind, types.Array) else kind
        for kind in field_types
    )
    return ArraysType(names, borrowed)


def as_struct(fields: NamedTuple) -> Any:
    """Return a tuple of arrays in C order and numbers in the form that compiled code takes.

    The arrays are shared, not copied. With compilation switched off (``NUMBA_DISABLE_JIT=1``) this is the
    tuple itself.
    """
    if config.DISABLE_JIT:  # type: ignore[attr-defined]
        return fields
    field_types = tuple(typeof(value) for value in fields)
    arrays = [value for value in fields if isinstance(value, np.ndarray)]
    words = len(fields) + sum(4 + 2 * array.ndim for array in arrays)
    block = np.zeros(words, np.int64)
    given = [(value.ctypes.data, value.shape) if isinstance(value, np.ndarray) else value for value in fields]
    _writer(field_types)(block.ctypes.data, *given)
    return _Arrays(_struct_type(fields._fields, field_types), block, fields)
