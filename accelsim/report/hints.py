"""Names for type hints of libraries that are slow to import, and so imported only where they are used.

Type checkers see the classes; when the program runs, every name is ``object``, which no code may ask for.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.artist import Artist as Artist
    from matplotlib.axes import Axes as Axes
    from matplotlib.container import BarContainer as BarContainer
    from matplotlib.figure import Figure as Figure
    from matplotlib.image import AxesImage as AxesImage
    from matplotlib.patches import Rectangle as Rectangle
    from matplotlib.typing import RcKeyType as RcKeyType
    from pandas import DataFrame as DataFrame
    from rich.console import Console as Console
    from rich.table import Table as Table
else:
    Artist = Axes = BarContainer = Figure = AxesImage = Rectangle = RcKeyType = object
    DataFrame = Console = Table = object
