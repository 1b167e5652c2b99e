"""What can go wrong when a customer takes its data along."""


class NotExportableNow(RuntimeError):
    """The customer's data is on its way to somewhere, or not there yet."""


class FolderTaken(RuntimeError):
    """There is something already where the export should go."""


class ExportNotWritten(RuntimeError):
    """A file cannot be written: the disk is full, or the folder not ours. Nothing is left of the export."""
