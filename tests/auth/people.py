from uuid import UUID

ANNA = UUID(int=1)
