"""The columns of a CSV file and how it is written down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flott.common.errors import UnsupportedFeature
from flott.common.typeinfo import TypeInformation, Types
from flott.formats.kinds import to_type_info


@dataclass(frozen=True, slots=True)
class CsvColumn:
    """A column.

    Attributes:
        name: Its name.
        type_info: The type of its values.
        separator: What stands between the elements of an array; ``None`` for other types.
    """

    name: str
    type_info: TypeInformation
    separator: str | None = None


@dataclass(frozen=True)
class CsvSchema:
    """Columns and notation of a CSV file; made by a builder.

    Attributes:
        columns: The columns in order; none to take names from the header, all of them text.
        column_separator: Between columns.
        quote_char: Around values that hold separators or line ends; ``None`` for no quoting.
        escape_char: Before characters that mean themselves; ``None`` for no escaping.
        line_separator: Written after each record; every kind of line end is read.
        null_value: What stands for None; ``None`` for nothing at all, except in text columns, where
            that is the empty text.
        allow_comments: Whether lines that begin with ``#`` are passed over.
        use_header: Whether a file begins with the names of its columns.
        strict_headers: Whether these must be the names here, in order.
        skip_first_data_row: Whether the first record is passed over.

    >>> schema = CsvSchema.builder().add_number_column("id").add_string_column("user").build()
    >>> schema.type_info
    RowTypeInfo(id: Long, user: String)
    """

    columns: tuple[CsvColumn, ...] = ()
    column_separator: str = ","
    quote_char: str | None = '"'
    escape_char: str | None = None
    line_separator: str = "\n"
    null_value: str | None = None
    allow_comments: bool = False
    use_header: bool = False
    strict_headers: bool = False
    skip_first_data_row: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def type_info(self) -> TypeInformation:
        """The type of the records."""
        return Types.ROW_NAMED(
            [column.name for column in self.columns], [column.type_info for column in self.columns]
        )

    @staticmethod
    def builder() -> CsvSchemaBuilder:
        """Begin a schema without columns."""
        return CsvSchemaBuilder()

    def size(self) -> int:
        """Return the number of columns."""
        return len(self.columns)

    def __len__(self) -> int:
        return len(self.columns)


class CsvSchemaBuilder:
    """Settings of a ``CsvSchema``."""

    def __init__(self) -> None:
        self._schema = CsvSchema()
        self._columns: list[CsvColumn] = []
        self._separator = ";"

    def build(self) -> CsvSchema:
        """Make the schema.

        Raises:
            ValueError: If two columns have the same name, or there is neither column nor header.
        """
        names = [column.name for column in self._columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"Columns must have different names, found twice: {', '.join(twice)}")
        if not names and not self._schema.use_header:
            raise ValueError("Add columns, or take their names from the header: set_use_header()")
        columns = tuple(
            replace(each, separator=self._separator) if each.separator == "" else each
            for each in self._columns
        )
        return replace(self._schema, columns=columns)

    def add_array_column(
        self, name: str, separator: str | None = None, element_type: Any = None
    ) -> CsvSchemaBuilder:
        """Add a column of arrays.

        Args:
            name: Its name.
            separator: Between the elements, ``;`` if not set otherwise.
            element_type: Their type, text if not given.
        """
        element = Types.STRING() if element_type is None else to_type_info(element_type)
        return self._add(CsvColumn(name, Types.LIST(element), separator or ""))

    def add_boolean_column(self, name: str) -> CsvSchemaBuilder:
        """Add a column of ``true`` and ``false``."""
        return self._add(CsvColumn(name, Types.BOOLEAN()))

    def add_number_column(self, name: str, number_type: Any = None) -> CsvSchemaBuilder:
        """Add a column of numbers, of 64-bit whole numbers if no type is given."""
        number = Types.LONG() if number_type is None else to_type_info(number_type)
        return self._add(CsvColumn(name, number))

    def add_string_column(self, name: str) -> CsvSchemaBuilder:
        """Add a column of text."""
        return self._add(CsvColumn(name, Types.STRING()))

    def add_column(self, name: str, column_type: Any) -> CsvSchemaBuilder:
        """Add a column of any plain type, such as ``Types.SQL_DATE()``."""
        return self._add(CsvColumn(name, to_type_info(column_type)))

    def add_columns_from(self, schema: CsvSchema) -> CsvSchemaBuilder:
        """Add all columns of another schema."""
        self._columns += schema.columns
        return self

    def clear_columns(self) -> CsvSchemaBuilder:
        """Remove all columns."""
        self._columns.clear()
        return self

    def set_allow_comments(self, allow: bool = True) -> CsvSchemaBuilder:
        """Pass over lines that begin with ``#``."""
        return self._set(allow_comments=allow)

    def set_any_property_name(self, name: str) -> CsvSchemaBuilder:
        """Not supported: every column has a name of its own.

        Raises:
            UnsupportedFeature: Always.
        """
        raise UnsupportedFeature("CsvSchemaBuilder.set_any_property_name")

    def disable_array_element_separator(self) -> CsvSchemaBuilder:
        """Take the whole text of an array column for its only element."""
        return self.set_array_element_separator("\0")

    def remove_array_element_separator(self, index: int) -> CsvSchemaBuilder:
        """Take the whole text of the array column at ``index`` for its only element."""
        self._columns[index] = replace(self._columns[index], separator="\0")
        return self

    def set_array_element_separator(self, separator: str) -> CsvSchemaBuilder:
        """Set what stands between elements, for columns that do not say."""
        self._separator = separator
        return self

    def set_column_separator(self, char: str) -> CsvSchemaBuilder:
        """Set what stands between columns.

        Raises:
            ValueError: If it is not one character.
        """
        return self._set(column_separator=_checked_char("Column separator", char))

    def disable_escape_char(self) -> CsvSchemaBuilder:
        """Take the escape character for itself."""
        return self._set(escape_char=None)

    def set_escape_char(self, char: str) -> CsvSchemaBuilder:
        """Set what stands before characters that mean themselves.

        Raises:
            ValueError: If it is not one character.
        """
        return self._set(escape_char=_checked_char("Escape char", char))

    def set_line_separator(self, separator: str) -> CsvSchemaBuilder:
        """Set what is written after each record; every kind of line end is read."""
        return self._set(line_separator=separator)

    def set_null_value(self, null_value: str) -> CsvSchemaBuilder:
        """Set the text that stands for None, in text columns too."""
        return self._set(null_value=null_value)

    def disable_quote_char(self) -> CsvSchemaBuilder:
        """Take quotes for themselves."""
        return self._set(quote_char=None)

    def set_quote_char(self, char: str) -> CsvSchemaBuilder:
        """Set what stands around values that hold separators.

        Raises:
            ValueError: If it is not one character.
        """
        return self._set(quote_char=_checked_char("Quote char", char))

    def set_skip_first_data_row(self, skip: bool = True) -> CsvSchemaBuilder:
        """Pass over the first record of each file."""
        return self._set(skip_first_data_row=skip)

    def set_strict_headers(self, strict: bool = True) -> CsvSchemaBuilder:
        """Refuse files whose header has other names, or another order, than the schema."""
        return self._set(strict_headers=strict)

    def set_use_header(self, use: bool = True) -> CsvSchemaBuilder:
        """Take the first line of each file for the names of its columns. Columns are then found by
        name and others are passed over, if all names of the schema are there; else by position."""
        return self._set(use_header=use)

    def size(self) -> int:
        """Return the number of columns so far."""
        return len(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def _add(self, column: CsvColumn) -> CsvSchemaBuilder:
        self._columns.append(column)
        return self

    def _set(self, **settings: Any) -> CsvSchemaBuilder:
        self._schema = replace(self._schema, **settings)
        return self


def _checked_char(what: str, char: str) -> str:
    if len(char) != 1:
        raise ValueError(f"{what} must be a single char, got {char}")
    return char
