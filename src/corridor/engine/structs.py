"""A tuple of many arrays as one thing that compiled code takes by its address.

Handed over as a tuple, the hundred arrays of a member would be passed one by one through every call, which
made compiling three times as slow. Handed over as Numba's own structures they are counted, up and down, at
each touch, which took a fifth of the time of a member. Here compiled code borrows them: `as_struct` writes
where the arrays lie into a block of words, and that block and the arrays live as long as what it returns.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numba import typeof
from numba.core import cgutils, config, types
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import (
    NativeValue,
    lower_getattr_generic,
    models,
    register_model,
    unbox,
)
from numba.np.numpy_support import from_dtype
from numpy.typing import NDArray


class BorrowedArray(types.Array):  # type: ignore[misc]
    """An array in C order that somebody else keeps alive: compiled code does not count references to it."""

    def __init__(self, dtype: Any, ndim: int) -> None:
        super().__init__(dtype, ndim, "C", name=f"borrowed({dtype}, {ndim}d)")

    def copy(self, dtype: Any = None, ndim: Any = None, layout: Any = None, readonly: Any = None) -> Any:
        """Return the type that Numba asks for: a row or a part of what is borrowed is borrowed, too.

        Numba asks so, with dimensions and layout alone, for views; for whatever it makes anew it says more,
        and that is counted.
        """
        if ndim is not None and ndim > 0 and layout == "C" and dtype is None and readonly is None:
            return BorrowedArray(self.dtype, ndim)
        is_readonly = False if readonly is None else readonly
        n_axes = self.ndim if ndim is None else ndim
        return types.Array(dtype or self.dtype, n_axes, layout or "C", is_readonly)


@register_model(BorrowedArray)
class _BorrowedArrayModel(models.StructModel):  # type: ignore[misc]
    """The layout of Numba's arrays, whose owner is a mere pointer; see `_words_of`."""

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

    def generic_resolve(self, arrays: Any, name: str) -> Any:  # type: ignore[override]
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


@lru_cache(maxsize=16)
def _struct_type(names: tuple[str, ...], kinds: tuple[Any, ...]) -> ArraysType:
    field_types = [
        BorrowedArray(from_dtype(kind[0]), kind[1]) if isinstance(kind, tuple) else typeof(kind(0))
        for kind in kinds
    ]
    return ArraysType(names, tuple(field_types))


def _words_of(array: NDArray[Any]) -> list[int]:
    """Return an array as compiled code sees it: no owner, size, bytes of an item, address, shape, strides."""
    if not array.flags.c_contiguous:
        raise ValueError("compiled code borrows arrays in C order only")
    address = array.__array_interface__["data"][0]
    return [0, 0, array.size, array.itemsize, address, *array.shape, *array.strides]


def as_struct(fields: NamedTuple) -> Any:
    """Return a tuple of arrays in C order and numbers in the form that compiled code takes.

    The arrays are shared, not copied; True and False become 1 and 0. With compilation switched off
    (``NUMBA_DISABLE_JIT=1``) this is the tuple itself.
    """
    if config.DISABLE_JIT:  # type: ignore[attr-defined]
        return fields
    kinds: list[Any] = []
    words: list[int] = []
    for value in fields:
        if isinstance(value, np.ndarray):
            kinds.append((value.dtype, value.ndim))
            words += _words_of(value)
        elif isinstance(value, float):
            kinds.append(float)
            words.append(int(np.float64(value).view(np.int64)))
        else:
            kinds.append(int)
            words.append(int(value))
    return _Arrays(_struct_type(fields._fields, tuple(kinds)), np.array(words, np.int64), fields)
