"""How the portal is reached: GraphQL and HTTP, nothing else."""
